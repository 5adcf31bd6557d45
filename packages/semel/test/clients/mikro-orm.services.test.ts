import { clientSuite } from './client-suite.ts';

clientSuite('mikro-orm', new URL('./libraries/mikro-orm.ts', import.meta.url));
