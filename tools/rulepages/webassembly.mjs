// Runs scripts on MicroPython's webassembly port: node webassembly.mjs FOLDER DRIVER <SCRIPTS.json >PRINTED.json
//
// FOLDER has the unpacked package, DRIVER is driver.py. The port has no sockets: the module that scripts import has so much
// of one that they can make a socket and close it. A script that asks for more is not judged, and its output is null.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const SOCKET = `
class NotJudged(BaseException):
    pass

class socket:
    def __init__(self, *_):
        pass
    def close(self):
        pass
    def __getattr__(self, name):
        raise NotJudged(name)

def __getattr__(name):
    raise NotJudged(name)
`;

const [folder, driver] = process.argv.slice(2);
const { loadMicroPython } = await import(pathToFileURL(`${folder}/micropython.mjs`));
const start = `import sys\nsys.argv[:] = ["driver.py", "/example.py"]\n${readFileSync(driver, "utf8")}`;

let printed = [];
const micropython = await loadMicroPython({
    linebuffer: true,
    stdout: (line) => printed.push(`${line}\n`),
    stderr: () => {},
});
micropython.FS.writeFile("/socket.py", SOCKET);

function run(script) {
    printed = [];
    micropython.FS.writeFile("/example.py", script);
    micropython.runPython(start);
    return printed.includes("NotJudged\n") ? null : printed.join("");
}

console.log(JSON.stringify(JSON.parse(readFileSync(0, "utf8")).map(run)));
