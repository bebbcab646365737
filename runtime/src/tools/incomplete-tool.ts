/** A tool asks for something that its bundle does not hold, which the checks of the bundle would have said. */
export class IncompleteTool extends Error {
  override readonly name = 'IncompleteTool';
}
