import { ACK_CONTRACT, LOG_CONTRACT } from '../../testing/models/model-contracts.ts';
import { type Scenario, SMALLEST } from './scenario.ts';

const SMALL: Scenario = { ...SMALLEST, name: 'local', source: 'local', faults: 1 };

const CONNECTION = { ...ACK_CONTRACT, takenBack: { value: 'connection', source: 'a test' }, countsAttempts: { value: false, source: 'a test' } } as const;

/** Two workers, one message, one fault, for each way in which messages come or go. */
export const SMALL_SCENARIOS: readonly Scenario[] = [
  SMALL,
  { ...SMALL, name: 'outbox', source: 'outbox' },
  { ...SMALL, name: 'lease', source: 'queue', contract: ACK_CONTRACT },
  { ...SMALL, name: 'connection', source: 'queue', contract: CONNECTION },
  { ...SMALL, name: 'position', source: 'log', contract: LOG_CONTRACT },
];

/** One of them, changed. */
export function smallScenario(name: string, changes: Partial<Scenario> = {}): Scenario {
  const found = SMALL_SCENARIOS.find((scenario) => scenario.name === name);
  if (found === undefined) throw new Error(`there is no small scenario ${name}`);
  return { ...found, ...changes };
}
