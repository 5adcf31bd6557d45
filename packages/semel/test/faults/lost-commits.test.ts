import { lostCommitsTest } from './lost-commits-test.ts';
import { withDatabase } from './with-database.ts';

withDatabase('commits whose answer is lost', (url) => lostCommitsTest(url, 36));
