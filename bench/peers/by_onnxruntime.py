"""ONNX Runtime: forward passes of a finished network; it trains nothing."""

import os

import numpy as np
import onnx
import onnxruntime
from data import DIGITS, inputs, network
from onnx import helper, numpy_helper


def session(sizes, activation, type):
    """Gemm, activation, Gemm."""
    weights, biases = network(sizes, type)
    constants, nodes, name = [], [], "x"
    for layer, (w, b) in enumerate(zip(weights, biases)):
        constants += [numpy_helper.from_array(w, f"w{layer}"), numpy_helper.from_array(b, f"b{layer}")]
        nodes.append(helper.make_node("Gemm", [name, f"w{layer}", f"b{layer}"], [f"z{layer}"]))
        name = f"z{layer}"
        if layer + 1 < len(weights):
            nodes.append(helper.make_node(activation, [name], [f"a{layer}"]))
            name = f"a{layer}"
    kind = helper.np_dtype_to_tensor_dtype(np.dtype(type))
    x = helper.make_tensor_value_info("x", kind, [None, sizes[0]])
    y = helper.make_tensor_value_info(name, kind, [None, sizes[-1]])
    graph = helper.make_graph(nodes, "network", [x], [y], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = int(os.environ.get("OMP_NUM_THREADS", 1))
    options.inter_op_num_threads = 1
    ready = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return lambda x: ready.run(None, {"x": x})[0]


def one_row(sizes, activation, type):
    run, x = session(sizes, activation, type), inputs(64, sizes[0], type)
    return lambda row: float(run(x[row : row + 1])[0, 0])


def w6c():
    run, x = session(DIGITS, "Relu", np.float32), inputs(100_000, 784)
    # A part after the other, so that what lies between stays in the cache.
    return lambda: float(np.concatenate([run(part) for part in np.split(x, 100)]).mean())


WORKLOADS = {
    "W6a": lambda: one_row((3, 4, 1), "Sigmoid", float),
    "W6b": lambda: one_row(DIGITS, "Relu", np.float32),
    "W6c": w6c,
}
