import { postgresSuite } from './postgres-suite.ts';

for (const service of ['postgres-15', 'pgbouncer'] as const) postgresSuite(service);
