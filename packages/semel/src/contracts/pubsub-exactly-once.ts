import type { Contract } from '../core/contract.ts';
import { pubsubContract } from './pubsub.ts';

const PAGE = 'https://docs.cloud.google.com/pubsub/docs/exactly-once-delivery';

/** What a pull subscription of Google Cloud Pub/Sub promises with exactly-once delivery enabled. The name is of the delivery, not of the effect. */
export const pubsubExactlyOnceContract: Contract = {
  ...pubsubContract,
  service: 'Google Cloud Pub/Sub, exactly-once delivery',
  delivery: { value: 'at-least-once', source: `${PAGE}: pull only, subscribers in one region; when the deadline ends, or an acknowledgement fails, it comes again` },
  duplicates: { value: ['unsettled', 'publish-retry', 'redrive'], source: `${PAGE}; a publish that is repeated has another message id, and is another message` },
  fencedAcknowledgement: { value: true, source: `${PAGE}: an older acknowledgement id fails` },
  batchSettlement: { value: 'each', source: `${PAGE}: the client tells the result of each acknowledgement` },
  acknowledgement: { value: 'Once its result says so, the message does not come again; a failed one comes again.', source: PAGE },
};
