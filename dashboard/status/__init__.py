"""The status of the house: its hosts and cards, its servers, and who is being served.

It stands above the model side and the chat, because it is where they are shown together.
"""
