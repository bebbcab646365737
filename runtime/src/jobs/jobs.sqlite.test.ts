import { openSqliteRig } from '../store/testing/database-rig.ts';
import { describeJobStore } from './testing/job-contract.ts';
import { describeJobRevisions } from './testing/job-revision-contract.ts';
import { describeTurnStore } from './testing/turn-contract.ts';

describeJobStore('SQLite', openSqliteRig);
describeJobRevisions('SQLite', openSqliteRig);
describeTurnStore('SQLite', openSqliteRig);
