import { postgresCrashTest } from './crash-test.ts';

for (const service of ['postgres', 'postgres-15', 'pgbouncer'] as const) postgresCrashTest(service);
