import { seededRandom } from 'semel/testing';
import { FAULT_KINDS, type Scenario, SMALLEST } from '../../packages/semel/src/prove/explorer/scenario.ts';
import type { PlannedMessage } from '../../packages/semel/src/prove/history.ts';
import { FAMILIES, type FamilyName } from './families.ts';

/** What every schedule of is played. */
export function smallScenario(name: FamilyName, faults: number): Scenario {
  return { ...SMALLEST, name, ...FAMILIES[name], faults };
}

/** What a seed makes of a family: up to three workers, six messages, six faults. */
export function randomScenario(name: FamilyName, seed: number): Scenario {
  const random = seededRandom(seed);
  const upTo = (most: number) => 1 + Math.floor(random() * most);
  const oneOf = <Choice>(...choices: readonly Choice[]): Choice => choices[Math.floor(random() * choices.length)] as Choice;
  const family = FAMILIES[name];
  const consumes = family.source !== 'outbox';
  return {
    name,
    ...family,
    workers: upTo(3),
    messages: messagesOf(upTo(6), upTo(3), random, consumes),
    producer: (family.source === 'local' || !consumes) && random() < 0.4,
    relays: consumes && random() < 0.3,
    keepsKeyOrder: random() < 0.5,
    guarantee: consumes ? oneOf('exactly-once', 'exactly-once', 'exactly-once', 'exactly-once', 'at-least-once', 'at-most-once') : 'exactly-once',
    group: oneOf<Scenario['group']>({ max: 100 }, { max: 100 }, { max: 2 }, false, 'concurrent'),
    faults: upTo(6),
    kinds: random() < 0.3 ? FAULT_KINDS : FAULT_KINDS.filter(() => random() < 0.4), // a few kinds at a time meet more often
    loops: 'free',
    seed,
  };
}

/** One in ten is poison; now and then one ends its process. */
function messagesOf(count: number, keys: number, random: () => number, consumes: boolean): readonly PlannedMessage[] {
  const killer = consumes && random() < 0.1 ? Math.floor(random() * count) : -1;
  return Array.from({ length: count }, (_, index) => {
    const poison = consumes && random() < 0.1;
    return { id: `m${index + 1}`, key: `k${1 + Math.floor(random() * keys)}`, nature: index === killer ? 'killer' : poison ? 'poison' : 'sound' };
  });
}
