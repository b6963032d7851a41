-- The statements of the app room.

-- name: queues() -> queues_shape
SELECT jobs_queued, jobs_dead, mails_queued, mails_failed FROM door.queues();
