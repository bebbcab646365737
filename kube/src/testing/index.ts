export { FakeClock } from '../clock-fake.ts';
export { labelMatcher } from '../informer/label-selector.ts';
export { fakeRandom } from '../random-fake.ts';
export { firstAuthority, firstServer, secondAuthority } from './certificates.ts';
export { connectionTo } from './connection.ts';
export { FakeApi, type Fault } from './fake-api.ts';
export { RecordingSink } from './recording-sink.ts';
export { answer, type ReceivedRequest, type Script, ScriptedServer, type ServerTls, status } from './scripted-server.ts';
