import type { Contract } from '../core/contract.ts';
import { pubsubContract } from './pubsub.ts';

const PAGE = 'https://docs.cloud.google.com/pubsub/docs/ordering';

/** What a subscription of Google Cloud Pub/Sub promises with message ordering enabled. */
export const pubsubOrderedContract: Contract = {
  ...pubsubContract,
  service: 'Google Cloud Pub/Sub, ordered',
  ordering: { value: 'key', source: `${PAGE}: among what was published in one region; a dead-letter topic breaks it` },
  duplicates: {
    value: ['unsettled', 'settled', 'publish-retry', 'redrive', 'spontaneous'],
    source: `${PAGE}: what follows a message that comes again in its key comes again too, though it was acknowledged`,
  },
  batchPublish: {
    value: 'first-failure',
    source: 'https://docs.cloud.google.com/pubsub/docs/publisher#using-ordering-keys: after a failure the client publishes nothing more of the key',
  },
};
