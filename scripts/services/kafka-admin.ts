import type { Admin, Kafka } from 'kafkajs';

/** What an administrator does, on a connection of its own. */
export async function administered<Result>(kafka: Kafka, work: (admin: Admin) => Promise<Result>): Promise<Result> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
}
