import { describe } from 'vitest';
import { describeWith } from '../services/describe-with.ts';
import { findingsSuite } from './findings-suite.ts';
import { memoryLedger, postgresLedger, sqliteLedger } from './ledger.ts';

describe('proveOnce in memory', () => findingsSuite(memoryLedger, { abortsOnError: false, hasConnections: false }));
describe('proveOnce on SQLite', () => findingsSuite(sqliteLedger, { abortsOnError: false, hasConnections: true }));
describeWith('postgres', 'proveOnce on Postgres', () => findingsSuite(postgresLedger, { abortsOnError: true, hasConnections: true }));
