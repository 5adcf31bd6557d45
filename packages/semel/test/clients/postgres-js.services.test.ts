import { clientSuite } from './client-suite.ts';

clientSuite('postgres.js', new URL('./libraries/postgres-js.ts', import.meta.url));
