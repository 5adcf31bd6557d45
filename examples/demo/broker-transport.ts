import { type Contract, type Delivery, decodeCloudEvent, type Feed, type Outcome, type Subscriber, type Transport } from 'semel';
import { type Broker, type Held, VISIBILITY_MS } from './broker.ts';

const SOURCE = 'examples/demo/broker.ts';
const POLL_MS = 10;

/** What the demo's broker promises. */
const contract: Contract = {
  service: "the demo's broker",
  delivery: { value: 'at-least-once', source: SOURCE },
  ordering: { value: 'none', source: SOURCE },
  settlement: { value: 'one-by-one', source: SOURCE },
  takenBack: { value: 'lease', source: SOURCE },
  duplicates: { value: ['unsettled', 'settled'], source: SOURCE },
  redeliveryWindowMs: { value: null, source: `${SOURCE}: a message stays until it is acknowledged` },
  redelivery: { value: [{ place: 'the broker', maxMs: null }], source: SOURCE },
  deadline: { value: { defaultMs: VISIBILITY_MS, maxMs: null, prolonged: true, totalMs: null }, source: SOURCE },
  delayedRetry: { value: true, source: SOURCE },
  countsAttempts: { value: true, source: SOURCE },
  attempts: { value: { most: null, then: 'kept' }, source: SOURCE },
  retention: { value: { defaultMs: null, maxMs: null }, source: SOURCE },
  dedupWindowMs: { value: 0, source: SOURCE },
  dedupKey: { value: 'none', source: SOURCE },
  messageId: { value: 'It is the number of a row, which stays; the messages bring ids of their own.', source: SOURCE },
  fencedAcknowledgement: { value: true, source: SOURCE },
  maxMessageBytes: { value: null, source: SOURCE },
  maxBatch: { value: null, source: SOURCE },
  maxInFlight: { value: null, source: SOURCE },
  batchPublish: { value: 'whole', source: SOURCE },
  batchSettlement: { value: 'none', source: SOURCE },
  acknowledgement: { value: 'The message is settled, unless this acknowledgement is one of the few that are forgotten.', source: SOURCE },
  publishReply: { value: 'The message is committed to the file.', source: SOURCE },
};

/** The demo's broker, as Semel sees it: all that it takes to teach Semel another one. */
export function brokerTransport(broker: Broker): Transport {
  const subscriber: Subscriber = {
    subscribe: async (topic, { leaseMs, runtime }) => feedOf(broker, topic, leaseMs, (signal) => runtime.scheduler.sleep(POLL_MS, signal)),
    close: async () => {}, // who opened the broker closes it
  };
  return { name: 'broker', contract, subscriber };
}

function feedOf(broker: Broker, topic: string, leaseMs: number, pause: (signal: AbortSignal) => Promise<void>): Feed {
  const inHand = new WeakMap<Delivery, Held>();
  const heldOf = (delivery: Delivery) => inHand.get(delivery) as Held;
  const deliver = (held: Held): Delivery => {
    const delivery: Delivery = { topic, content: { message: decodeCloudEvent(held.body, topic) }, receipt: { kind: 'external' }, attempt: held.attempt };
    inHand.set(delivery, held);
    return delivery;
  };
  return {
    receive: async ({ max, signal }) => {
      while (!signal.aborted) {
        const received = broker.receive(max, leaseMs);
        if (received.length > 0) return received.map(deliver);
        await pause(signal);
      }
      return [];
    },
    settle: async (settled) => {
      for (const { delivery, outcome } of settled) settle(broker, heldOf(delivery), outcome);
    },
    extend: async (deliveries) => deliveries.filter((delivery) => !broker.extend(heldOf(delivery), leaseMs)),
    pending: async () => broker.remaining(),
    close: async () => {},
  };
}

/** A stale settle changes nothing, and need not: the message comes again, and Semel knows it by then. */
function settle(broker: Broker, held: Held, outcome: Outcome): void {
  switch (outcome.kind) {
    case 'done':
    case 'duplicate':
    case 'dead':
    case 'parked':
      broker.acknowledge(held);
      break;
    case 'retry':
      broker.retry(held, outcome.afterMs);
      break;
    case 'held':
    case 'released':
      broker.giveBack(held);
      break;
    default: // lost, unknown: it comes again by itself
  }
}
