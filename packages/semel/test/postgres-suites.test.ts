import { postgresSuite } from './postgres-suite.ts';

postgresSuite('postgres');
