import { postgresCrashTest } from './crash-test.ts';

for (const service of ['postgres-15', 'pgbouncer'] as const) postgresCrashTest(service);
