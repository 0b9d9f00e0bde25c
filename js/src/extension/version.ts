// Whether this front end and a kernel understand each other. Pure functions.

/** Return whether a kernel of one version speaks the messages of a front end of another version. */
export function fits(kernel: string, front: string): boolean {
  return series(kernel) === series(front);
}

/** Messages change between minor releases only, so the first two numbers decide. */
function series(version: string): string {
  return version.split(".", 2).join(".");
}

/** The line in place of a part whose kernel has another version. */
export function misfit(kernel: string, front: string): string {
  return (
    `The kernel has hyper_jupyter ${kernel}, and the Jupyter server's front end is ${front}. ` +
    `In the environment of the Jupyter server, run pip install "hyper_jupyter==${kernel}", ` +
    "and reload this page."
  );
}
