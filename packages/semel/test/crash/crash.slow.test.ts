import { postgresCrashTest } from './crash-test.ts';

for (const service of ['postgres-15', 'postgres-16', 'postgres-17'] as const) postgresCrashTest(service);
