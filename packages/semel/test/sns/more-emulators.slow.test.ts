import { snsVerifier } from 'semel/sns';
import { expect, test } from 'vitest';
import { killAtBoundaries } from '../broker-crash/kill-at-boundaries.ts';
import { describeWith } from '../services/describe-with.ts';
import { lend } from '../services/lend.ts';
import { overFifoQueues } from '../sqs/fifo-crew.ts';
import { sqsSuiteAt } from '../sqs/sqs-suite-at.ts';
import { notificationOf } from './http-posts.ts';
import { snsSuiteAt } from './sns-suite-at.ts';
import { snsAt, topicAt } from './topics.ts';

await lend('localstack', 'moto');

for (const place of ['localstack', 'moto'] as const) {
  describeWith(place, `on ${place}`, () => {
    for (const fifo of [false, true]) {
      sqsSuiteAt(place, fifo, test.concurrent);
      snsSuiteAt(place, fifo, test.concurrent);
    }
  });
}

// Not on moto: a receive that waits there does not see which groups others have taken meanwhile.
describeWith('localstack', 'processes are killed between LocalStack and a database', () => {
  test('SQS FIFO: at each boundary of a consumer: one effect each, in order', () =>
    overFifoQueues('localstack', { store: 'sqlite', orders: 150 }, (crew) => killAtBoundaries(crew, 5)));
});

describeWith('localstack', 'deliveries by HTTP of LocalStack', () => {
  test('trap 37: what it signed is taken, what was altered is not', async () => {
    const client = snsAt('localstack');
    const topic = await topicAt(client, false);
    const { SigningCertURL = '', ...post } = await notificationOf(client, topic.arn, '{"a":1}');
    const AT_SNS = 'https://sns.us-east-1.amazonaws.com/SimpleNotificationService-1.pem'; // the address is not signed
    const verify = snsVerifier({ topics: [topic.arn], fetch: () => fetch(SigningCertURL) });
    expect(await verify(JSON.stringify({ ...post, SigningCertURL: AT_SNS }))).toMatchObject({ type: 'Notification', message: '{"a":1}' });
    await expect(verify(JSON.stringify({ ...post, Message: '{"a":2}', SigningCertURL: AT_SNS }))).rejects.toMatchObject({ code: 'signature-invalid' });
    await expect(verify(JSON.stringify({ ...post, SigningCertURL }))).rejects.toMatchObject({ code: 'signature-invalid' });
    await topic.drop();
  });
});
