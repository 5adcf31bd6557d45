import { type KafkaOptions, kafka } from 'semel/kafka';
import { LogMember, type MemberOptions } from '../log-member.ts';

const QUICK = { sessionTimeoutMs: 2_000, heartbeatMs: 100 } as const;

/** A member of a group in a Kafka. */
export const Member = {
  join: (client: Parameters<typeof kafka>[0], topic: string, { options = {}, ...member }: MemberOptions & { readonly options?: KafkaOptions } = {}): Promise<LogMember> =>
    LogMember.join(kafka(client, { ...QUICK, ...options }), topic, member),
};
