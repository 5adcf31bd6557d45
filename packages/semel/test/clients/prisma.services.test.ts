import { clientSuite } from './client-suite.ts';

clientSuite('prisma', new URL('./libraries/prisma.ts', import.meta.url));
