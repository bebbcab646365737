import { describe, expect, it } from 'vitest';
import { sampleOwner, sampleRecord } from '../revision/testing/sample-agent.ts';
import { revisionDeployment } from './deployment.ts';
import { readSecretMarks, type SecretMarks, withSecretMarks } from './secret-marks.ts';

const deployment = revisionDeployment(sampleRecord(), sampleOwner);

describe('the marks of Secrets on a Deployment', () => {
  it.each<[string, SecretMarks]>([
    ['versions', { startedWith: new Map([['b.c-d', '0123456789ab'], ['a', '']]) }],
    ['a restart', { startedWith: new Map([['a', 'x']]), restart: 'y' }],
  ])('are read as they were written: %s', (_, marks) => {
    expect(readSecretMarks(withSecretMarks(deployment, marks))).toEqual(marks);
  });

  it('change the pods only to restart them', () => {
    const noted = withSecretMarks(deployment, { startedWith: new Map([['b', '2'], ['a', '1']]) });
    expect(noted.spec).toEqual(deployment.spec);
    expect(noted.metadata.annotations).toEqual({ 'sluice.dev/secret-versions': 'a=1,b=2' });
    const restarted = withSecretMarks(deployment, { startedWith: new Map(), restart: 'y' });
    expect(restarted.spec.template).toEqual({ ...deployment.spec.template, metadata: { ...deployment.spec.template.metadata, annotations: { 'sluice.dev/restarted-for-secrets': 'y' } } });
    expect(restarted.metadata).toEqual(deployment.metadata);
  });

  it('are absent where nothing is known', () => {
    expect(readSecretMarks(deployment)).toBeUndefined();
    expect(withSecretMarks(deployment, undefined)).toBe(deployment);
  });

  it('count as not written down when a hand has made nonsense of them', () => {
    const edited = { ...deployment, metadata: { ...deployment.metadata, annotations: { 'sluice.dev/secret-versions': 'nonsense,,' } } };
    expect(readSecretMarks(edited)).toEqual({ startedWith: new Map() });
  });
});
