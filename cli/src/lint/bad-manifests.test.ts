import { definitions, objectSchema } from '@sluice/crds';
import { describe, expect, it } from 'vitest';
import { badAgents } from '../../../crds/src/fixtures/bad-agents.ts';
import { badChanges, badOthers } from '../../../crds/src/fixtures/bad-others.ts';
import { badRollouts } from '../../../crds/src/fixtures/bad-rollouts.ts';
import { goodManifests } from '../../../crds/src/fixtures/good-manifests.ts';
import type { Manifest } from '../../../crds/src/fixtures/manifest.ts';
import { celCheck, needsCluster } from './cel-checks.ts';
import { checkManifest } from './check-manifest.ts';
import type { Problem } from './problem.ts';

/** What the API server refuses and lint cannot see: each compares with the object that is in the cluster. */
const unseen = ['another revision for a release', 'another plan for a release', 'a plan taken out of a release', 'a lower bar for an evaluation'];

const table = [...badAgents, ...badRollouts, ...badOthers, ...badChanges];

function problemsOf(manifest: Manifest): readonly Problem[] {
  // as JSON, so that what a fixture leaves out is not there
  const finding = checkManifest(JSON.parse(JSON.stringify(manifest)), { now: Date.UTC(2026, 0, 1) });
  return finding.kind === 'Checked' ? finding.problems : [];
}

describe('what the API server accepts, lint accepts', () => {
  it.each(goodManifests)('$title', ({ manifest }) => {
    expect(problemsOf(manifest)).toEqual([]);
  });
});

describe('what the API server refuses, lint refuses', () => {
  const found = new Map(table.map(({ title, manifest }) => [title, problemsOf(manifest)]));
  const visible = table.filter(({ title }) => !unseen.includes(title));

  it.each(visible)('$manifest.kind: $title', ({ title, says }) => {
    const problems = found.get(title) ?? [];
    // the server names the field as we do, or says what our fix says; one mistake may break a second rule
    const same = problems.filter(({ path, fix }) => says.some((part) => part.includes(path) || fix.includes(part)));
    expect(same, JSON.stringify(problems)).not.toEqual([]);
    expect(problems.length).toBeLessThanOrEqual(2);
  });

  it('except exactly what is listed here', () => {
    const missed = table.filter(({ title }) => found.get(title)?.length === 0).map(({ title }) => title);
    expect(missed).toEqual(unseen);
  });
});

describe('the rules of the schemas', () => {
  const rules = definitions.flatMap((definition) => celRules(objectSchema(definition)));

  it('are found', () => {
    expect(rules.length).toBeGreaterThan(30);
  });

  it('are all checked, apart from those about a change', () => {
    expect(rules.filter((rule) => celCheck(rule) === undefined && !needsCluster(rule))).toEqual([]);
  });
});

function celRules(node: unknown): string[] {
  if (Array.isArray(node)) return node.flatMap((item) => celRules(item));
  if (typeof node !== 'object' || node === null) return [];
  const own = Reflect.get(node, 'x-kubernetes-validations') as readonly { rule: string }[] | undefined;
  return [...(own ?? []).map(({ rule }) => rule), ...Object.values(node).flatMap((child) => celRules(child))];
}
