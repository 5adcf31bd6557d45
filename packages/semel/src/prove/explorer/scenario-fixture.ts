import { ACK_CONTRACT, LOG_CONTRACT } from '../../testing/models/model-contracts.ts';
import { FAULT_KINDS, type Scenario } from './scenario.ts';

const SMALL: Scenario = {
  name: 'local',
  source: 'local',
  workers: 2,
  messages: [{ id: 'm1', key: 'k1', nature: 'sound' }],
  producer: false,
  relays: false,
  keepsKeyOrder: false,
  guarantee: 'exactly-once',
  group: { max: 100 },
  faults: 1,
  kinds: FAULT_KINDS,
  loops: 'in turn',
  seed: 1,
};

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
