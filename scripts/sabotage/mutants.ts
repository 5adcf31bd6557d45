import type { Mutant } from './mutant.ts';
import { LEASE_MUTANTS } from './mutants/leases.ts';
import { MESSAGE_MUTANTS } from './mutants/messages.ts';
import { RECORD_MUTANTS } from './mutants/records.ts';
import { TRANSACTION_MUTANTS } from './mutants/transactions.ts';

/** The bugs that the tests have to find. */
export const MUTANTS: readonly Mutant[] = [...RECORD_MUTANTS, ...LEASE_MUTANTS, ...TRANSACTION_MUTANTS, ...MESSAGE_MUTANTS];
