"""Training on two GPUs of two nodes that work together: PyTorch's DistributedDataParallel under @parallel.

Before: metaflow-gcp image build gpu; metaflow-gcp image push gpu
Run:    python parallel_training.py run
See:    two pods, `control` and `worker`, that start together; the loss falls, and both end with the same weights.
        It needs a quota of two GPUs.
"""

from metaflow import FlowSpec, current, kubernetes, parallel, retry, step

PORT = 29500


class ParallelTrainingFlow(FlowSpec):
    @step
    def start(self):
        self.next(self.train, num_parallel=2)

    @kubernetes(gpu=1, cpu=4, memory=16000, shared_memory=1024, image="metaflow-gpu:latest")
    @retry(times=1)
    @parallel
    @step
    def train(self):
        # Imported here: the machine that starts the flow does not need it.
        import torch
        import torch.distributed as together

        node = current.parallel
        together.init_process_group(
            "nccl", init_method=f"tcp://{node.main_ip}:{PORT}", rank=node.node_index, world_size=node.num_nodes
        )
        torch.manual_seed(node.node_index)  # Each node has data of its own.
        x = torch.randn(4096, 32, device="cuda")
        y = x.sum(dim=1, keepdim=True)
        # It hands the weights of the first node to all, and averages the gradients of all.
        model = torch.nn.parallel.DistributedDataParallel(torch.nn.Linear(32, 1).cuda())
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        for epoch in range(50):
            loss = torch.nn.functional.mse_loss(model(x), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            if epoch % 10 == 0:
                print(f"node {node.node_index}, epoch {epoch}: loss {loss.item():.4f}")
        self.weights = model.module.weight.detach().cpu().flatten().tolist()
        together.destroy_process_group()
        self.next(self.join)

    @step
    def join(self, inputs):
        first, second = (task.weights for task in inputs)
        assert first == second, "the two nodes did not train together"
        print(f"both nodes have the same {len(first)} weights")
        self.next(self.end)

    @step
    def end(self):
        pass


if __name__ == "__main__":
    ParallelTrainingFlow()
