import { postgresSuite } from './postgres-suite.ts';

for (const service of ['postgres-16', 'postgres-17'] as const) postgresSuite(service);
