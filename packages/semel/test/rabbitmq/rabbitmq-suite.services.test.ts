import { test } from 'vitest';
import { transportSuite } from '../../src/testing/transport-suite.ts';
import { rabbitmq } from '../../src/transports/rabbitmq/rabbitmq.ts';
import { describeWith, serviceUrl } from '../services/describe-with.ts';
import { Corner } from './rabbitmq.ts';

const realTime = { leaseMs: 200, patienceMs: 10_000, quietMs: 120 };

const COMPETING = ['competing', {}] as const;
const SINGLE = ['single active', { singleActive: true, format: 'binary' }] as const;

for (const [service, ways] of [['rabbitmq', [COMPETING, SINGLE]] as const, ['rabbitmq-3', [SINGLE]] as const]) {
  describeWith(service, `on ${service}`, () => {
    for (const [name, options] of ways) {
      transportSuite({
        test,
        name,
        transport: rabbitmq(() => Promise.reject(new Error('asked for its contract only')), options),
        create: async () => {
          const corner = await Corner.open(serviceUrl(service) as string);
          const inject = (bytes: Uint8Array, headers?: Readonly<Record<string, string>>) => corner.inject(bytes, headers);
          return { transport: corner.transport(options), topic: corner.topic, inject, realTime, close: () => corner[Symbol.asyncDispose]() };
        },
      });
    }
  });
}
