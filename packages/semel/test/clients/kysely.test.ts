import { clientSuite } from './client-suite.ts';

clientSuite('kysely', new URL('./libraries/kysely.ts', import.meta.url));
