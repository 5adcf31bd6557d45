import { clientSuite } from './client-suite.ts';

clientSuite('sequelize', new URL('./libraries/sequelize.ts', import.meta.url));
