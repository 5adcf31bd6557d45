import { clientSuite } from './client-suite.ts';

clientSuite('typeorm', new URL('./libraries/typeorm.ts', import.meta.url));
