"""A step on a GPU: the device, one matrix product, and a card with a picture.

Before: metaflow-gcp image build gpu; metaflow-gcp image push gpu
Run:    python gpu.py run
        python gpu.py card view multiply
See:    the GPU's name and its speed; the card shows the time of each product. A GPU node starts for it, and goes again.
"""

import time

from metaflow import FlowSpec, card, current, kubernetes, step
from metaflow.cards import Image, Markdown

SIZE = 4096


class GpuFlow(FlowSpec):
    @step
    def start(self):
        self.next(self.multiply)

    @card(type="blank")
    @kubernetes(gpu=1, cpu=4, memory=16000, image="metaflow-gpu:latest")
    @step
    def multiply(self):
        # Imported here: the machine that starts the flow needs neither.
        import matplotlib.pyplot as plt
        import torch

        self.device = torch.cuda.get_device_name()
        print(f"{self.device}, PyTorch {torch.__version__}, CUDA {torch.version.cuda}")
        a, b = (torch.randn(SIZE, SIZE, device="cuda", dtype=torch.float16) for _ in range(2))
        self.milliseconds = []
        for _ in range(20):
            began = time.perf_counter()
            a @ b
            torch.cuda.synchronize()
            self.milliseconds.append(1000 * (time.perf_counter() - began))
        # The first products warm up.
        self.teraflops = 2 * SIZE**3 / min(self.milliseconds) / 1e9
        print(f"{self.teraflops:.1f} TFLOPS")

        figure, axes = plt.subplots()
        axes.plot(self.milliseconds, marker="o")
        axes.set(xlabel="product", ylabel="ms", title=f"{SIZE} x {SIZE} on {self.device}")
        current.card.append(Markdown(f"# {self.device}: {self.teraflops:.1f} TFLOPS"))
        current.card.append(Image.from_matplotlib(figure))
        self.next(self.end)

    @step
    def end(self):
        print(f"{self.device}: {self.teraflops:.1f} TFLOPS")


if __name__ == "__main__":
    GpuFlow()
