import { cutsUnderLoadTest, lostCommitsTest } from './lost-commits-test.ts';
import { withDatabase } from './with-database.ts';

withDatabase('commits whose answer is lost', (url) => lostCommitsTest(url, 516));
withDatabase('cuts under load', (url) => cutsUnderLoadTest(url, 120));
