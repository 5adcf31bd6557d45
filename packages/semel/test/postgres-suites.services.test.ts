import { postgresSuite } from './postgres-suite.ts';

for (const service of ['postgres-15', 'postgres-16', 'postgres-17', 'pgbouncer'] as const) postgresSuite(service);
