import { openSqliteRig } from '../store/testing/database-rig.ts';
import { describeJobStore } from './testing/job-contract.ts';
import { describeJobRevisions } from './testing/job-revision-contract.ts';

describeJobStore('SQLite', openSqliteRig);
describeJobRevisions('SQLite', openSqliteRig);
