import type { Consumer } from './consumer/consumer.ts';
import type { Contract } from './core/contract.ts';
import { SemelError } from './core/errors.ts';
import { checkWindow } from './core/redelivery-window.ts';
import type { Retention, StoreCapabilities } from './core/store.ts';

/** What a consumer stands on. */
export interface Footing {
  readonly consumer: Consumer;
  readonly capabilities: StoreCapabilities;
  /** Of its transport; of the local one where it has none. */
  readonly contract: Contract;
  readonly retention: Retention;
}

/** Refuses, before anything runs, a guarantee that the parts cannot carry; throws `capability-missing` or `window-too-short`, with what would mend it. */
export function checkFooting({ consumer, capabilities, contract, retention }: Footing): void {
  const where = `consumer ${consumer.name}`;
  const needs = (met: boolean, what: string, mend: string) => {
    if (!met) throw new SemelError('capability-missing', `${where} needs ${what}; ${mend}`);
  };
  needs(capabilities.queue, 'a store with a queue, for its retries and redrives', 'use a store that has one');
  if (contract.settlement.value === 'position') {
    needs(capabilities.positions, `positions, because ${contract.service} is a log`, 'use a store that keeps them');
  }
  if (consumer.policies.orderRequired)
    needs(contract.ordering.value !== 'none', `an order by key, which ${contract.service} does not keep`, "use a transport that does, or `order: 'none'`");
  if (consumer.policies.concurrentGroup) needs(capabilities.transactions === 'interactive', "an interactive transaction for `group: 'concurrent'`", 'leave `group` at its default');
  if (consumer.guarantee === 'at-least-once') return;
  const { value: windowMs, source } = contract.redeliveryWindowMs;
  if (windowMs !== null) checkWindow(consumer.name, { service: contract.service, windowMs, source }, retention.inboxMs);
}
