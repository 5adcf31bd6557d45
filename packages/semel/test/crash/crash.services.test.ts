import { postgresCrashTest } from './crash-test.ts';

for (const service of ['postgres', 'pgbouncer'] as const) postgresCrashTest(service);
