"""Webhooks: other systems are told of events at addresses that administrators keep.

What happened is written as deliveries in the transaction in which it happens (`outbox`); workers deliver them
(`delivering`), signed as the Standard Webhooks specification says (`signing`), to hosts that the installation allows
(`addresses`).
"""
