import type { OperatorLogger as TheirLogger, ResourceEvent as TheirEvent, ResourceEventType as TheirType, ResourceMeta as TheirMeta } from '@dot-i/k8s-operator';
import { Operator, type OperatorLogger, type ResourceEvent, type ResourceEventType, type ResourceMeta } from '@sluice/kube';
import { describe, expect, it } from 'vitest';
import { dotI } from './package.ts';

/** Fails to compile unless `From` may be given where `To` is asked for. */
type Fits<From, To> = [From] extends [To] ? 'fits' : { readonly from: From; readonly to: To };

/** Opens the protected verbs of both classes to a look at their types. */
class Theirs extends dotI.default {
  verbs() {
    return {
      setResourceStatus: this.setResourceStatus.bind(this),
      patchResourceStatus: this.patchResourceStatus.bind(this),
      setResourceFinalizers: this.setResourceFinalizers.bind(this),
      handleResourceFinalizer: this.handleResourceFinalizer.bind(this),
      watchResource: this.watchResource.bind(this),
      registerCustomResourceDefinition: this.registerCustomResourceDefinition.bind(this),
      getCustomResourceApiUri: this.getCustomResourceApiUri.bind(this),
      start: this.start.bind(this),
      stop: this.stop.bind(this),
      init: this.init.bind(this),
    };
  }

  protected async init(): Promise<void> {}
}

class Ours extends Operator {
  verbs() {
    return {
      setResourceStatus: this.setResourceStatus.bind(this),
      patchResourceStatus: this.patchResourceStatus.bind(this),
      setResourceFinalizers: this.setResourceFinalizers.bind(this),
      handleResourceFinalizer: this.handleResourceFinalizer.bind(this),
      watchResource: this.watchResource.bind(this),
      registerCustomResourceDefinition: this.registerCustomResourceDefinition.bind(this),
      getCustomResourceApiUri: this.getCustomResourceApiUri.bind(this),
      start: this.start.bind(this),
      stop: this.stop.bind(this),
      init: this.init.bind(this),
    };
  }

  protected async init(): Promise<void> {}
}

type TheirVerbs = ReturnType<Theirs['verbs']>;
type OurVerbs = ReturnType<Ours['verbs']>;
/** Verbs without an event in them: alike both ways. */
type Plain = 'setResourceStatus' | 'patchResourceStatus' | 'setResourceFinalizers' | 'getCustomResourceApiUri' | 'start' | 'stop' | 'init';
type FirstFive<Verb> = Verb extends (group: infer A, version: infer B, plural: infer C, onEvent: infer _D, namespace?: infer E) => infer R ? [A, B, C, E, R] : never;
type Registered<Verb> = Verb extends (file: infer A, ...rest: infer _Rest) => Promise<infer R> ? [A, R] : never;
/** What of metadata is told alike; the package says Date where a watch brings a string. */
type Told = 'name' | 'namespace' | 'uid' | 'resourceVersion' | 'generation' | 'labels' | 'annotations' | 'finalizers';
type TheirMetadata = Pick<NonNullable<TheirEvent['object']['metadata']>, Told>;

const alike = {
  metaOursToTheirs: 'fits' satisfies Fits<ResourceMeta, TheirMeta>,
  metaTheirsToOurs: 'fits' satisfies Fits<TheirMeta, ResourceMeta>,
  loggerOursToTheirs: 'fits' satisfies Fits<OperatorLogger, TheirLogger>,
  loggerTheirsToOurs: 'fits' satisfies Fits<TheirLogger, OperatorLogger>,
  constructorTakesTheirs: 'fits' satisfies Fits<ConstructorParameters<typeof Theirs>, ConstructorParameters<typeof Ours>>,
  typesOursToTheirs: 'fits' satisfies Fits<ResourceEventType, `${TheirType}`>,
  typesTheirsToOurs: 'fits' satisfies Fits<`${TheirType}`, ResourceEventType>,
  eventMeta: 'fits' satisfies Fits<ResourceEvent['meta'], TheirEvent['meta']>,
  eventObject: 'fits' satisfies Fits<Omit<ResourceEvent['object'], 'metadata'>, Omit<TheirEvent['object'], 'metadata'>>,
  eventMetadata: 'fits' satisfies Fits<Pick<ResourceEvent['object']['metadata'], Told>, TheirMetadata>,
  plainOursToTheirs: 'fits' satisfies Fits<Pick<OurVerbs, Plain>, Pick<TheirVerbs, Plain>>,
  plainTheirsToOurs: 'fits' satisfies Fits<Pick<TheirVerbs, Plain>, Pick<OurVerbs, Plain>>,
  watch: 'fits' satisfies Fits<FirstFive<OurVerbs['watchResource']>, FirstFive<TheirVerbs['watchResource']>>,
  registered: 'fits' satisfies Fits<Registered<OurVerbs['registerCustomResourceDefinition']>[0], Registered<TheirVerbs['registerCustomResourceDefinition']>[0]>,
  registeredNames: 'fits' satisfies Fits<
    Pick<Registered<OurVerbs['registerCustomResourceDefinition']>[1], 'group' | 'plural'>, Pick<Registered<TheirVerbs['registerCustomResourceDefinition']>[1], 'group' | 'plural'>
  >,
  finalizerAnswer: 'fits' satisfies Fits<ReturnType<OurVerbs['handleResourceFinalizer']>, ReturnType<TheirVerbs['handleResourceFinalizer']>>,
  finalizerName: 'fits' satisfies Fits<Parameters<TheirVerbs['handleResourceFinalizer']>[1], Parameters<OurVerbs['handleResourceFinalizer']>[1]>,
} as const;

describe('types of the package and of our class', () => {
  it('are alike, as tsc has checked', () => {
    expect(new Set(Object.values(alike))).toEqual(new Set(['fits']));
  });

  it('let a subclass override verbs as it does for the package', async () => {
    class Counting extends Operator {
      stops = 0;

      override stop(): void {
        this.stops += 1;
        super.stop();
      }

      override async start(): Promise<void> {}

      protected async init(): Promise<void> {}
    }
    const operator = new Counting();
    await operator.start();
    operator.stop();
    expect(operator.stops).toBe(1);
  });
});
