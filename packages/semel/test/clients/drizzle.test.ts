import { clientSuite } from './client-suite.ts';

clientSuite('drizzle', new URL('./libraries/drizzle.ts', import.meta.url));
