import { describe } from 'vitest';
import { crashTest } from './crash-test.ts';

describe('crash suite on SQLite', () => crashTest(() => 'sqlite'));
