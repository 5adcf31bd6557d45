import { expect, test } from 'vitest';
import { kafkaContract } from '../../contracts/kafka.ts';
import { localContract } from '../../contracts/local.ts';
import { rabbitmqContract } from '../../contracts/rabbitmq.ts';
import { sqsContract } from '../../contracts/sqs.ts';
import { powersOf } from './powers.ts';

test('a contract allows what it does not forbid', () => {
  expect(powersOf(sqsContract)).toEqual({
    repeats: true,
    losesAcknowledgements: true,
    takesBack: 'lease',
    disconnects: false,
    rebalances: false,
    reorders: true,
    heedsStale: true,
  });
  expect(powersOf(rabbitmqContract({ singleActive: true, maxMessageBytes: 1_000 }))).toMatchObject({ disconnects: true, losesAcknowledgements: false, reorders: false });
  expect(powersOf(kafkaContract())).toMatchObject({ rebalances: true, disconnects: false, repeats: true, reorders: false });
  expect(powersOf(localContract)).toMatchObject({ repeats: false, disconnects: false, rebalances: false, heedsStale: false });
});
