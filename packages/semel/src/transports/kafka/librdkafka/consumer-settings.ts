import type { JoinRequest } from '../kafka-client.ts';
import type { LibrdkafkaConfig } from './library.ts';

/** What a member's consumer is set to: the user's settings, but for those that the guarantee rests on. */
export function settingsOf(config: LibrdkafkaConfig, request: JoinRequest): object {
  return {
    'topic.metadata.refresh.interval.ms': 10_000,
    'reconnect.backoff.max.ms': 1_000,
    'fetch.wait.max.ms': 250,
    ...config,
    'group.id': request.group,
    'session.timeout.ms': request.sessionTimeoutMs,
    'heartbeat.interval.ms': request.heartbeatMs,
    'max.poll.interval.ms': Math.max(request.rebalanceTimeoutMs, request.sessionTimeoutMs),
    'partition.assignment.strategy': request.rebalance === 'cooperative' ? 'cooperative-sticky' : 'range',
    ...(request.instance === undefined ? {} : { 'group.instance.id': request.instance }),
    'max.partition.fetch.bytes': request.fetchBytes,
    'queued.max.messages.kbytes': Math.max(1, Math.ceil(request.fetchBytes / 1_024)),
    'isolation.level': 'read_committed',
    'enable.auto.commit': false,
    'enable.auto.offset.store': false,
    'auto.offset.reset': 'error',
    'enable.partition.eof': true,
    'allow.auto.create.topics': false,
  };
}
