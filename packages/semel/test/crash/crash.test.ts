import { describe } from 'vitest';
import { crashTest, postgresCrashTest } from './crash-test.ts';

describe('crash suite on SQLite', () => crashTest(() => 'sqlite'));

postgresCrashTest('postgres');
