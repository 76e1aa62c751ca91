-- Hours listened, per user
-- A song ends when the session goes on to something else: a skip counts for what was heard. The last song of a session
-- counts whole. Add `and event_time >= ... and event_time < ...` to the last condition for a period.
with played as (
  select user_id, page, duration,
         epoch_us(lead(event_time) over session) - epoch_us(event_time) as until_next_us
  from page_view
  window session as (partition by session_id order by event_time, item_in_session)
)
select user_id, round(sum(least(duration, coalesce(until_next_us / 1e6, duration))) / 3600, 6) as hours
from played
where page = 'NextSong'
group by user_id
order by hours desc, user_id
limit 10
