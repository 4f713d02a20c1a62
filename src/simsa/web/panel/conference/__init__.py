"""Exports of HotCRP and OpenReview on their way into a round: sent, looked at, confirmed."""
