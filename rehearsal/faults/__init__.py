"""Faults on demand: what breaks at a chosen place, with the message that the real provider would give.

fault.py     one fault, and the grammar of `--fail`
store.py     which faults are asked for, and which have been met, beside the model of the cloud
address.py   which resource of the configuration a provider is asked about
outcomes.py  what the real provider leaves in the state where the answer to a creation is lost
wording.py   the messages
provider.py  a provider around another one, whose calls break
"""
