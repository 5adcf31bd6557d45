import { Partitioners } from 'kafkajs';
import { expect, test } from 'vitest';
import { seededRandom } from '../../testing/seeded-random.ts';
import { murmur2, partitionOf } from './murmur2.ts';

// The vectors of Kafka's own test, UtilsTest.testMurmur2.
test.each([
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
  ['abc', 479470107],
])('murmur2 of %s is what the Java client has', (key, hash) => {
  expect(murmur2(Buffer.from(key))).toBe(hash);
});

test('partitions of keys are those of the other clients', () => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  const random = seededRandom(seed);
  const theirs = Partitioners.DefaultPartitioner();
  for (let round = 0; round < 500; round++) {
    const key = String.fromCodePoint(...Array.from({ length: round % 19 }, () => 1 + Math.floor(random() * 0xd000)));
    const partitions = 1 + Math.floor(random() * 40);
    const partitionMetadata = Array.from({ length: partitions }, (_, partitionId) => ({ partitionId, leader: 1, isr: [], replicas: [], partitionErrorCode: 0 }));
    expect(partitionOf(key, partitions), `seed ${seed}, key ${key}`).toBe(theirs({ topic: 't', partitionMetadata, message: { key, value: '' } }));
  }
});
