import { test } from 'vitest';
import { transportSuite } from '../../src/testing/transport-suite.ts';
import { rabbitmqStreams } from '../../src/transports/rabbitmq/streams/rabbitmq-streams.ts';
import { describeWith, serviceUrl } from '../services/describe-with.ts';
import { Corner } from './rabbitmq.ts';

const realTime = { leaseMs: 200, patienceMs: 4_000, quietMs: 150 };

/** Registers the tests of one series. */
export function streamsSuite(service: 'rabbitmq' | 'rabbitmq-3', format: 'structured' | 'binary'): void {
  describeWith(service, `streams of ${service}`, () => {
    transportSuite({
      test,
      name: format,
      transport: rabbitmqStreams(() => Promise.reject(new Error('asked for its contract only'))),
      create: async () => {
        const corner = await Corner.open(serviceUrl(service) as string);
        const inject = (bytes: Uint8Array, headers?: Readonly<Record<string, string>>) => corner.inject(bytes, headers);
        return { transport: corner.streams({ format }), topic: corner.topic, inject, realTime, close: () => corner[Symbol.asyncDispose]() };
      },
    });
  });
}
