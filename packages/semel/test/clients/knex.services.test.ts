import { clientSuite } from './client-suite.ts';

clientSuite('knex', new URL('./libraries/knex.ts', import.meta.url));
