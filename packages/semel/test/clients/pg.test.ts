import { clientSuite } from './client-suite.ts';

clientSuite('pg', new URL('./libraries/pg.ts', import.meta.url));
