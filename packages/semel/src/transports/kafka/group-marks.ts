/** What a group remembers of a topic, and where the topic ends. */
export interface MarkedTopic {
  /** The offsets that a group has under this topic's id; a topic that was made anew has none. */
  marksOf(group: string): Promise<ReadonlyMap<number, bigint>>;
  /** Granted only while the group has no members. Where it has, that is no error: they have done it. */
  mark(marks: ReadonlyMap<number, bigint>): Promise<void>;
  ends(): Promise<ReadonlyMap<number, bigint>>;
}

/** Has a group remember where the topic ends now, unless it or one of its earlier names remembers already. @param groups its name, then the earlier ones */
export async function markStart(topic: MarkedTopic, groups: readonly string[]): Promise<void> {
  for (const [index, group] of groups.entries()) {
    const marks = await topic.marksOf(group);
    if (marks.size > 0) return index === 0 ? undefined : topic.mark(marks);
  }
  await topic.mark(await topic.ends());
}
